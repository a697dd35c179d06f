"""What any program needs that is used by strangers: errors, files, processes, threads, text. Knows no network."""
