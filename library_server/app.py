"""The web application: every face on an opened library."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from library_server.delivery import context as delivery_context
from library_server.delivery import offload, template_globals
from library_server.delivery import routes as delivery_routes
from library_server.delivery.files.lookup import AssetMiddleware
from library_server.desk import pages as desk
from library_server.library import Library, open_library
from library_server.protocols import health, iptv, openapi, rest
from library_server.reader import collections, pages, reading
from library_server.settings import Settings, read_settings
from library_server.web import components, context, rate_limits, security_headers, site_files, static_files, templating
from library_server.web.errors import handlers
from library_server.web.rate_limits import RateLimit
from library_server.web.requests.hosts import vary_on_host
from library_server.web.requests.validation import RequestValidation

FORM_BYTES = 1 << 20  # the desk's forms are the largest that is sent here
assert collections  # imported for its route
assert openapi
_BLUEPRINTS = (pages.blueprint, reading.blueprint, static_files.blueprint, delivery_routes.blueprint, rest.blueprint,
               iptv.blueprint, health.blueprint, desk.blueprint, components.blueprint,
               site_files.blueprint)  # fmt: skip


def create_app(library: Library | None = None) -> Flask:
    """Return the application on a library; on that of the settings in force where none is given."""
    library = library or open_library(read_settings(), patient=False)
    settings = library.settings
    app = Flask(__name__, static_folder=None, template_folder="web/templates")
    # no redirects for the sake of a slash: Werkzeug writes the Host header into them
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    app.config["COMPRESS_STREAMS"] = False
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    context.init_app(app, library)
    delivery_context.init_app(app, library)
    templating.init_app(app)
    template_globals.init_app(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    rate_limits.init_app(app, *_rate_limits(app, settings))
    handlers.init_app(app)
    app.after_request(vary_on_host)
    security_headers.init_app(app, offload.list_origins(library))
    Compress(app)
    app.wsgi_app = AssetMiddleware(app.wsgi_app, delivery_context.delivery_of(app))  # type: ignore[method-assign]
    app.wsgi_app = RequestValidation(app.wsgi_app, settings.trusted_hosts)  # type: ignore[method-assign]
    if settings.proxies:  # outermost: the host that a proxy names is validated as well
        number = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]
    return app


def _rate_limits(app: Flask, settings: Settings) -> tuple[RateLimit, ...]:
    """Return the limits of the settings: one for searches and the whole API together, one for the entry to the desk."""
    api = {endpoint for endpoint in app.view_functions if endpoint.startswith(f"{rest.blueprint.name}.")}
    return (
        RateLimit("search", settings.rate_limit, frozenset({"reader.search", "reading.find", *api})),
        RateLimit("desk", settings.desk_rate_limit, frozenset({"desk.enter"})),
    )
