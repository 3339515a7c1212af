"""Which numerical pieces does more than one topic need? Each stands here once: begin with `roots`, then
`normal`.
"""
