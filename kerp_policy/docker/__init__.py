"""What Dockerfiles mean beyond their grammar: programs, files and images that checks know."""
