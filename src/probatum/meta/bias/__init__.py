"""Are small studies different, and would missing ones change the result?"""
