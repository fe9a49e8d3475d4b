"""The Jinja2 templates of the reports: what people read."""
