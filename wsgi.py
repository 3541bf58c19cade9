"""The WSGI entry: `app` on the library of the settings in force."""

from library_server.app import create_app

app = create_app()
