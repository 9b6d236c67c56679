//! where images live: registries, engines, layouts, archives, root filesystems
