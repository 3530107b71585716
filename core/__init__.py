"""The domain of a street's command centre: runs without a screen."""
