//! The one TLS provider of the program.

/// Makes aws-lc-rs the process's provider if none was chosen: reqwest would panic without one.
pub(crate) fn ensure_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been first; then its choice stands.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
