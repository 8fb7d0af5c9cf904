"""What every room uses: names, files, tables, pages."""
