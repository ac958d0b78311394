"""The payer's service hours: asked, shown, measured and changed."""
