"""Tables of cells, whatever held them: headers, times, rows, and what their values mean."""
