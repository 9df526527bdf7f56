"""What is drawn: the registry of scenes, and the building of each as a compiled MuJoCo model."""
