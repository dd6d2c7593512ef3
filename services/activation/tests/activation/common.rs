use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use activation::{Active, Draft, Look, Order, Part, Refusal, activate};
use routing::TableName;
use serde_json::json;
use store::{Edit, Options, Store};

pub(crate) const ORDER: Order<'static> = Order { actor: "test", comment: "", force: false };

/// A folder of its own, gone when dropped.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("dialplane-activation-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A database with the article's rows.
    pub(crate) async fn store(&self) -> Store {
        let url = format!("sqlite:{}", self.0.join("tables.sqlite").display());
        let store = Store::connect(&url, Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        store.insert(&toml::from_str(store::ARTICLE).unwrap()).await.unwrap();
        store
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) async fn draft(store: &Store, base: Option<Arc<Active>>) -> Draft {
    Draft::read(store, Look::Whole, Part::All, base).await.unwrap()
}

/// Activates the tables as they are.
pub(crate) async fn activated(store: &Store) -> Result<Arc<Active>, Refusal> {
    let base = Active::newest(store).await?;
    Ok(Arc::new(activate(store, draft(store, base).await, ORDER).await?))
}

/// Changes one cell of one row.
pub(crate) async fn set(
    store: &Store,
    table: TableName,
    key: i64,
    column: &str,
    value: impl Into<serde_json::Value>,
) {
    let cells = json!({ column: value.into() }).as_object().unwrap().clone();
    store.edit(&Edit::Update { table, key, cells }).await.unwrap();
}
