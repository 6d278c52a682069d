"""Follow money from transactions or accounts, forward or backward in time."""

from graphml.trail.books import Books
from graphml.trail.flow import Flow, Leg, follow
from graphml.trail.paths import Path, Paths, Terms, paths
from graphml.trail.seeds import Seeds

__all__ = ["Books", "Flow", "Leg", "Path", "Paths", "Seeds", "Terms", "follow", "paths"]
