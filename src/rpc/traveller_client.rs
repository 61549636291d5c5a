//! A console's calls about travellers.

use tonic::Streaming;
use tonic::transport::Channel;

use super::RpcError;
use super::client::{MESSAGE_BYTES_MAX, connect};
use crate::wire::v1;
use crate::wire::v1::travellers_client::TravellersClient as Stub;

/// A console's connection for travellers.
#[derive(Debug, Clone)]
pub struct TravellerClient {
    stub: Stub<Channel>,
    url: String,
}

/// One traveller as they change.
#[derive(Debug)]
pub struct TravellerFeed {
    stream: Streaming<v1::WatchTravellerResponse>,
    url: String,
}

impl TravellerFeed {
    /// The traveller as they stand; `None` when the centre ended it.
    ///
    /// # Errors
    /// [`RpcError::Call`], also when they are no longer remembered.
    pub async fn next(&mut self) -> Result<Option<v1::Traveller>, RpcError> {
        let message = self.stream.message().await.map_err(|s| RpcError::call(&self.url, &s))?;
        Ok(message.map(|message| message.traveller.unwrap_or_default()))
    }
}

impl TravellerClient {
    /// Connects to the centre at `url`.
    ///
    /// # Errors
    /// [`RpcError::Url`] and [`RpcError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        let stub = Stub::new(connect(url).await?).max_decoding_message_size(MESSAGE_BYTES_MAX);
        Ok(Self { stub, url: url.to_owned() })
    }

    /// A page of the list.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn list(&mut self, request: v1::ListTravellersRequest) -> Result<v1::ListTravellersResponse, RpcError> {
        let answer = self.stub.list_travellers(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn get(&mut self, traveller: u64, events: bool) -> Result<v1::GetTravellerResponse, RpcError> {
        self.ask(v1::GetTravellerRequest { traveller, events, track: None }).await
    }

    /// Whoever a track belongs to.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn of_track(&mut self, track: v1::TrackName) -> Result<v1::GetTravellerResponse, RpcError> {
        self.ask(v1::GetTravellerRequest { track: Some(track), ..v1::GetTravellerRequest::default() }).await
    }

    async fn ask(&mut self, request: v1::GetTravellerRequest) -> Result<v1::GetTravellerResponse, RpcError> {
        let answer = self.stub.get_traveller(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// One of them as they change.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn watch(&mut self, traveller: u64) -> Result<TravellerFeed, RpcError> {
        let answer = self.stub.watch_traveller(v1::WatchTravellerRequest { traveller }).await;
        let stream = answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(TravellerFeed { stream, url: self.url.clone() })
    }

    /// Two are one; what that one is called. This call and the next two may only propose it.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn merge(&mut self, a: u64, b: u64, operator: &str) -> Result<v1::MergeTravellersResponse, RpcError> {
        let request = v1::MergeTravellersRequest { a, b, operator: operator.to_owned() };
        let answer = self.stub.merge_travellers(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// From a track on it is somebody else; what they are called.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn split(
        &mut self,
        traveller: u64,
        at: v1::TrackName,
        operator: &str,
    ) -> Result<v1::SplitTravellerResponse, RpcError> {
        let request = v1::SplitTravellerRequest { traveller, at: Some(at), operator: operator.to_owned() };
        let answer = self.stub.split_traveller(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// Follows somebody.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn follow(
        &mut self,
        request: v1::FollowTravellerRequest,
    ) -> Result<v1::FollowTravellerResponse, RpcError> {
        let answer = self.stub.follow_traveller(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// Follows them no longer.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn end_follow(&mut self, follow: u64, operator: &str) -> Result<(), RpcError> {
        let request = v1::EndFollowRequest { follow, operator: operator.to_owned() };
        self.stub.end_follow(request).await.map_err(|s| RpcError::call(&self.url, &s))?;
        Ok(())
    }

    /// Whom operators follow; with those that have ended if `ended`.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn follows(&mut self, ended: bool) -> Result<Vec<v1::Follow>, RpcError> {
        let answer = self.stub.list_follows(v1::ListFollowsRequest { ended }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().follows)
    }
}
