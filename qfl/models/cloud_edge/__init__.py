"""The two stages of cell-free MIMO: a cloud circuit assigns users to access points, edge circuits precode.

`printed` builds the article's circuits gate by gate; `plus` the least change that mends their faults.
"""
