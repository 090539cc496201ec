//! The table of all routes with what each takes to be called; what is not in it is not answered.

use axum::http::Method;
use domain::access::Action;

/// What it takes to call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing, not even the API version: for watchdogs.
    Open,
    /// No token: the body proves who it is.
    Public,
    /// A user's access token, of whatever role.
    User,
    /// A user's access token, of a role that may do this for somebody at all; for whom is checked with the target.
    UserMay(Action),
    /// An activated phone's token.
    Phone,
}

/// A route.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
}

const fn route(method: Method, path: &'static str, access: Access) -> Route {
    Route { method, path, access }
}

/// All routes.
pub(crate) const ROUTES: &[Route] = &[
    route(Method::GET, "/healthz", Access::Open),
    route(Method::POST, "/v1/sign-in", Access::Public),
    route(Method::POST, "/v1/refresh", Access::Public),
    route(Method::POST, "/v1/sign-out", Access::User),
    route(Method::GET, "/v1/snapshot", Access::UserMay(Action::ReadWork)),
    route(Method::GET, "/v1/changes", Access::UserMay(Action::ReadWork)),
    route(Method::GET, "/v1/live", Access::UserMay(Action::ReadWork)),
    route(Method::GET, "/v1/positions", Access::UserMay(Action::ReadLivePosition)),
    route(Method::GET, "/v1/whereabouts", Access::UserMay(Action::ReadTrack)),
    route(Method::GET, "/v1/resources/{id}/track", Access::UserMay(Action::ReadTrack)),
    route(Method::POST, "/v1/resources/{id}/contact", Access::UserMay(Action::RevealContact)),
    route(Method::POST, "/v1/what-if", Access::UserMay(Action::HandleAlert)),
    route(Method::POST, "/v1/commands", Access::User),
    route(Method::POST, "/v1/field/activate", Access::Public),
    route(Method::GET, "/v1/field/sync", Access::Phone),
    route(Method::POST, "/v1/field/entries", Access::Phone),
    route(Method::POST, "/v1/field/positions", Access::Phone),
    route(Method::POST, "/v1/field/privacy", Access::Phone),
];

/// What it takes to call `method path` (the path's pattern).
pub(crate) fn access(method: &Method, path: &str) -> Option<Access> {
    ROUTES.iter().find(|route| route.method == method && route.path == path).map(|route| route.access)
}
