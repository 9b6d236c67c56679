//! the seven practices of the guide, one file a rule
