"""Turn what monitors send into alerts."""
