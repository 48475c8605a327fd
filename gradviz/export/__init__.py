"""What leaves the app without a picture being painted: DOT, LaTeX, CSV, and a replay that steps in a browser."""
