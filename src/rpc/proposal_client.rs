//! A console's calls about what waits for a second person.

use tonic::Streaming;
use tonic::transport::Channel;

use super::RpcError;
use super::client::{MESSAGE_BYTES_MAX, connect};
use crate::wire::v1;
use crate::wire::v1::proposals_client::ProposalsClient as Stub;

/// A console's connection for proposals.
#[derive(Debug, Clone)]
pub struct ProposalClient {
    stub: Stub<Channel>,
    url: String,
}

/// The proposals as they change.
#[derive(Debug)]
pub struct ProposalFeed {
    stream: Streaming<v1::WatchProposalsResponse>,
    url: String,
}

impl ProposalFeed {
    /// All of them as they stand; `None` when the centre ended it.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn next(&mut self) -> Result<Option<v1::WatchProposalsResponse>, RpcError> {
        self.stream.message().await.map_err(|s| RpcError::call(&self.url, &s))
    }
}

impl ProposalClient {
    /// Connects to the centre at `url`.
    ///
    /// # Errors
    /// [`RpcError::Url`] and [`RpcError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        let stub = Stub::new(connect(url).await?).max_decoding_message_size(MESSAGE_BYTES_MAX);
        Ok(Self { stub, url: url.to_owned() })
    }

    /// Those that wait, and what needs a second person; with those that are over if `ended`.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn list(&mut self, ended: bool) -> Result<v1::ListProposalsResponse, RpcError> {
        let answer = self.stub.list_proposals(v1::ListProposalsRequest { ended }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// All of them as they change.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn watch(&mut self) -> Result<ProposalFeed, RpcError> {
        let answer = self.stub.watch_proposals(v1::WatchProposalsRequest {}).await;
        let stream = answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(ProposalFeed { stream, url: self.url.clone() })
    }

    /// Confirms one; as it stands then.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn confirm(&mut self, proposal: u64, operator: &str) -> Result<v1::Proposal, RpcError> {
        let request = v1::ConfirmProposalRequest { proposal, operator: operator.to_owned() };
        let answer = self.stub.confirm_proposal(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().proposal.unwrap_or_default())
    }

    /// Declines one, or takes the own one back; as it stands then.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn decline(&mut self, proposal: u64, operator: &str, reason: &str) -> Result<v1::Proposal, RpcError> {
        let (operator, reason) = (operator.to_owned(), reason.to_owned());
        let request = v1::DeclineProposalRequest { proposal, operator, reason };
        let answer = self.stub.decline_proposal(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().proposal.unwrap_or_default())
    }
}
