//! Why our list and a package manager's differ: each reason is a rule that looks at the case, never a list of names.

use super::Item;
use super::bill::{Bill, Found};
use super::listing::Listed;

/// Why an item that the tool lists is not in ours; `place` is where the tool says it is.
pub(super) fn why_missing(item: &Item, place: &str, _ours: &Bill) -> Option<&'static str> {
    match item.ecosystem {
        "dpkg" if place == "config-files" => Some("only the configuration of a removed package is left"),
        "npm" if !place.contains("/node_modules/") => {
            Some("the project itself, which npm lists as the root of its tree")
        }
        _ => None,
    }
}

/// Why an item of ours is not in the tool's list.
pub(super) fn why_beyond(item: &Item, found: &Found, _listed: &Listed) -> Option<&'static str> {
    match item.ecosystem {
        _ if found.bundled => Some("a copy inside another package, which its package manager does not list"),
        "python" if found.path.contains("/_vendor/") => {
            Some("a copy inside another package, known by its list of copies")
        }
        "npm" if found.path.starts_with("/usr/share/nodejs/") => {
            Some("Debian installs it where Node.js looks and npm does not")
        }
        "npm" if found.owner.is_some() && !found.path.contains("/node_modules/") => {
            Some("a manifest among the files of a deb, outside any folder that npm looks into")
        }
        _ => None,
    }
}
