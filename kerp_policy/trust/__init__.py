"""What a change must not decide about itself: the standard that it is held to, and its waivers."""
