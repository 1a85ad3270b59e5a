"""What a stack costs a month: list prices and assumed usage as data, quantities from a preview's resources."""
