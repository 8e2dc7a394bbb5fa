"""What tests share: builders of inputs, the shared folder, the reference."""
