use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, anyhow};
use domain::NodeName;
use routing::tables::Tables;
use runtime::Config;
use store::Store;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{create, live, serve};
use crate::{
    cli::{About, Example, Role},
    failure::Failure,
    files, token,
};

/// The node, phone and number of the question that is printed.
const NODE: &str = "asterisk-macomnet";
const QUESTION: &str = "node=asterisk-macomnet&endpoint=1000&to=74957777777";
/// Where the example node's token is kept, readable by its owner only, so that it survives a restart.
const TOKEN_FILE: &str = "var/example-token";

pub(crate) async fn run(config: Config, command: Example) -> Result<ExitCode, Failure> {
    let store = create(&config).await?;
    store.migrate().await?;
    match command {
        Example::Load => {
            if !load_if_empty(&store).await? {
                return Err(Failure::refused(anyhow!("the tables are not empty; nothing was loaded")));
            }
            println!("loaded the article's rows");
            live::after_edit(&config, &store, &About::because("the article's rows")).await
        }
        Example::Serve => {
            load_if_empty(&store).await?;
            let token = example_token(&store).await?;
            live::after_edit(&config, &store, &About::because("the example")).await?;
            let (tasks, started) = serve::start(config, &Role::ALL).await?;
            if let Some(started) = started {
                print_question(started.address, &token).await.map_err(Failure::unavailable)?;
            }
            serve::until_stopped(tasks).await
        }
    }
}

async fn load_if_empty(store: &Store) -> Result<bool, Failure> {
    if store.tables().await? != Tables::default() {
        return Ok(false);
    }
    let article: Tables =
        toml::from_str(store::ARTICLE).context("the article's rows").map_err(Failure::usage)?;
    store.insert(&article).await?;
    Ok(true)
}

async fn example_token(store: &Store) -> Result<String, Failure> {
    let path = PathBuf::from(TOKEN_FILE);
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let hashes: Vec<_> = store.tables().await?.node_tokens.into_iter().map(|row| row.token_sha256).collect();
    if hashes.contains(&token::hash(kept.trim())) {
        return Ok(kept.trim().to_owned());
    }
    let token = token::make("dpn")?;
    let node: NodeName = NODE.parse().map_err(Failure::usage)?;
    store.add_node_token(&node, &token::hash(&token), Some("example")).await?;
    files::write_secret(&path, token.as_bytes())?;
    Ok(token)
}

/// Asks once over the wire, so that what is printed is what anybody gets.
async fn print_question(address: std::net::SocketAddr, token: &str) -> anyhow::Result<()> {
    let fields = format!("{QUESTION}&token={token}");
    let reply = timeout(Duration::from_secs(5), post(address, &fields)).await??;
    let (_, line) = reply.split_once("\r\n\r\n").context("the router gave no answer")?;
    println!("Ask it yourself:");
    println!("curl -d '{fields}' http://{address}/v1/outbound");
    println!("It answers:");
    println!("{line}");
    println!("Stop with Ctrl-C.");
    Ok(())
}

async fn post(address: std::net::SocketAddr, fields: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST /v1/outbound HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{fields}",
        fields.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    Ok(reply)
}
