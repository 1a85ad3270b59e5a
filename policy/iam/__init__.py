"""The analyser of IAM policy documents: parsing, what actions can be limited to, who is trusted, escalation."""
