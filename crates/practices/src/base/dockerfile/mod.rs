//! Practice 3 in a Dockerfile: the base that FROM names.

pub(crate) mod empty_base;
pub(crate) mod platform_constant;
pub(crate) mod platform_redundant;
pub(crate) mod registry_not_trusted;
pub(crate) mod undeclared_arg;
