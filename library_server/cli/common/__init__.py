"""What several commands share: output, parameter types, failures."""
