"""Turning a model's distributions into text: filters, sampling, beam searches, stop conditions."""
