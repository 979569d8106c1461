"""Turns a results directory of osteon into a report and a table. No physics is computed here."""
