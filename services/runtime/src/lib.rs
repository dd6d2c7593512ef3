//! Configuration, logs, listeners, the metrics, tasks, pauses and shutdown: what every role needs to live.

mod backoff;
mod clock;
mod config;
mod error;
mod file;
mod http;
mod insist;
mod lifecycle;
mod listener;
mod log;
mod observe;
mod tend;

pub use backoff::Backoff;
pub use clock::now_us;
pub use config::{
    Activation, ApiConfig, BusConfig, CollectorConfig, Config, ConfigError, DecisionsConfig, ExportsConfig,
    FirewallConfig, GenerationsConfig, LogConfig, LogFormat, MetricsConfig, NodeConfig, ResolverConfig,
    RouterConfig, StoreConfig,
};
pub use error::chain;
pub use file::write_whole;
pub use http::{ConnectionLimits, serve_http};
pub use insist::Insistence;
pub use lifecycle::{Lifecycle, Tasks, stand_back};
pub use listener::{Listener, Open};
pub use log::init as init_log;
pub use observe::{Health, serve as serve_metrics};
pub use tend::tend;
pub use tokio_util::sync::CancellationToken;
