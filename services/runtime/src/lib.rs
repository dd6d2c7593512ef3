//! Configuration, logs, the metrics listener, tasks, pauses and shutdown: what every role needs to live.

mod backoff;
mod clock;
mod config;
mod error;
mod lifecycle;
mod log;
mod observe;

pub use backoff::Backoff;
pub use clock::now_us;
pub use config::{
    Activation, BusConfig, CollectorConfig, Config, ConfigError, GenerationsConfig, LogConfig, LogFormat,
    MetricsConfig, NodeConfig, RouterConfig, StoreConfig,
};
pub use error::chain;
pub use lifecycle::{Lifecycle, Tasks, stand_back};
pub use log::init as init_log;
pub use observe::{Health, serve as serve_metrics};
pub use tokio_util::sync::CancellationToken;
