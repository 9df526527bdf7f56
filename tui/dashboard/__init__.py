"""The dashboard: what it shows is a plain object, fed by the engine's events; its widgets are thin views."""
