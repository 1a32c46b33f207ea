"""The pages for people, a module for each view: it reads its address, asks the archive, and fills a template."""
