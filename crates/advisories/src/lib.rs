//! Feeds of advisories to one dated index; a package to the advisories whose ranges hold it. No network.
