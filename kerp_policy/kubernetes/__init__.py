"""What Kubernetes itself says: pure functions over its values, names and schemas."""
