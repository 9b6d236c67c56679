//! Why a key, an envelope or a statement is none.

/// What is wrong with what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// No PEM, or PEM of something else.
    #[error("it is no key in PEM: expected {expected}")]
    Pem {
        /// The labels that would do.
        expected: &'static str,
    },
    /// A key of a kind that is not supported, or a damaged one.
    #[error("the key is not P-256 or Ed25519, or it is damaged")]
    Key,
    /// A sealed key that is not as cosign writes it.
    #[error("the encrypted key is not as cosign writes it: {0}")]
    Sealed(String),
    /// It does not open it.
    #[error("the password does not open the key")]
    Password,
    /// The key could not sign.
    #[error("the key could not sign")]
    Sign,
    /// No bundle, envelope or statement.
    #[error("it is no {what}: {why}")]
    Shape {
        /// Which of them was expected.
        what: &'static str,
        /// What is wrong, with line and column where it is not JSON.
        why: String,
    },
}

impl SigningError {
    /// What the user may try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Pem { .. } => Some("`cosign generate-key-pair` and `openssl genpkey` make such keys"),
            Self::Key => Some("make one by `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`"),
            Self::Password => Some("it is taken from PLIMSOLL_KEY_PASSWORD or COSIGN_PASSWORD, else asked for"),
            _ => None,
        }
    }

    pub(crate) fn shape(what: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Shape { what, why: model::escaped(&error.to_string()).into_owned() }
    }
}
