use generations::{Manifest, ManifestError};
use store::{Collected, Store, StoreError};

/// Removes all generations but the newest `kept`, and the chunks that only those named.
pub async fn collect(store: &Store, kept: u32) -> Result<Collected, StoreError> {
    store.collect(kept, |manifest| Ok(hashes(manifest)?)).await
}

fn hashes(manifest: &[u8]) -> Result<Vec<[u8; 32]>, ManifestError> {
    let text = String::from_utf8_lossy(manifest);
    Ok(Manifest::decode(&text)?.hashes().map(|hash| hash.0).collect())
}
