//! The router as it runs in production, over the article's tables.

use std::{sync::Arc, time::Duration};

use router::{Metrics, Service, serve as serve_questions, snapshots};
use routing::{
    Generation, Snapshot,
    tables::{NodeToken, Tables},
};
use runtime::{CancellationToken, Health, RouterConfig};
use tokio::net::TcpListener;

use crate::load::TOKEN_SHA256;

pub(crate) fn serve(address: &str) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let registry = prometheus::Registry::new();
        let metrics = Arc::new(Metrics::new(&registry).unwrap());
        let (mut publisher, snapshots) = snapshots(Arc::clone(&metrics), Health::default());
        publisher.publish(Snapshot::compile(&tables(), Generation::of_working_copy(1)).unwrap());
        let service = Service::new(snapshots, metrics, Duration::from_millis(100));
        let listener = TcpListener::bind(address).await.unwrap();
        println!("ready");
        serve_questions(listener, service, RouterConfig::default(), CancellationToken::new()).await;
    });
}

fn tables() -> Tables {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    tables.node_tokens.push(NodeToken {
        id: domain::NodeTokenId(1),
        server_id: tables.servers[0].id,
        token_sha256: TOKEN_SHA256.into(),
        comment: None,
    });
    tables
}
