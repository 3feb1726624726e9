"""Train the correlator on recordings whose incidents are known, and let only a better model pass."""

from alertmesh.training.course import Course, Result, train
from alertmesh.training.recording import Recording, read_recording
from alertmesh.training.settings import TrainSettings

__all__ = ["Course", "Recording", "Result", "TrainSettings", "read_recording", "train"]
