//! What goes wrong between processes.

use std::net::SocketAddr;

use tonic::{Code, Status};

/// A fault of a connection or of a call.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        why: std::io::Error,
    },
    /// The server broke off.
    #[error("server: {0}")]
    Serve(String),
    /// The URL is none.
    #[error("`{url}` is no URL of a centre (http://HOST:PORT): {why}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers there.
    #[error("{url}: {why}")]
    Connect {
        /// Where.
        url: String,
        /// What was tried and failed.
        why: String,
    },
    /// The other side refused or broke off a call.
    #[error("{url}: {message} ({code:?})")]
    Call {
        /// Where.
        url: String,
        /// The gRPC code.
        code: Code,
        /// The other side's words.
        message: String,
    },
}

impl RpcError {
    /// Whether what was asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Call { code: Code::NotFound, .. })
    }

    pub(super) fn call(url: &str, status: &Status) -> Self {
        Self::Call { url: url.to_owned(), code: status.code(), message: status.message().to_owned() }
    }

    pub(super) fn connect(url: &str, error: &tonic::transport::Error) -> Self {
        Self::Connect { url: url.to_owned(), why: chain(error) }
    }

    /// Whether the start asked for lies beyond the log's end.
    #[must_use]
    pub fn is_out_of_range(&self) -> bool {
        matches!(self, Self::Call { code: Code::OutOfRange, .. })
    }

    /// Whether the same attempt may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Listen { .. } | Self::Serve(_) | Self::Url { .. } => false,
            Self::Connect { .. } => true,
            Self::Call { code, .. } => !matches!(
                code,
                Code::InvalidArgument
                    | Code::OutOfRange
                    | Code::Unimplemented
                    | Code::PermissionDenied
                    | Code::Unauthenticated
            ),
        }
    }
}

/// tonic says "transport error" and keeps the cause behind it.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
