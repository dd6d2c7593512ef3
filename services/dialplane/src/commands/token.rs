use std::process::ExitCode;

use anyhow::anyhow;
use domain::{ApiRole, NodeName};
use runtime::Config;
use serde::Serialize;
use store::Store;

use super::{live, open};
use crate::{
    answer,
    cli::{About, Token},
    failure::{DONE, Failure, negative},
    token::{self, TokenId},
};

pub(crate) async fn run(config: &Config, command: Token) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Token::Create { node, role, comment } => create(config, &store, node, role, comment.as_deref()).await,
        Token::List { json } => list(&store, json).await,
        Token::Revoke { id } => {
            let about = About::because(&format!("token {id} revoked"));
            let store = about.sign(&store);
            let revoked = match id {
                TokenId::Node(id) => store.revoke_node_token(id).await?,
                TokenId::Api(id) => store.revoke_api_token(id).await?,
            };
            println!("{}", if revoked { "revoked" } else { "no such token" });
            if revoked { live::after_tokens(config, &store, &about).await } else { Ok(negative()) }
        }
    }
}

async fn create(
    config: &Config,
    store: &Store,
    node: Option<NodeName>,
    role: Option<ApiRole>,
    comment: Option<&str>,
) -> Result<ExitCode, Failure> {
    let about = About::because("token created");
    let store = &about.sign(store);
    let token = match (node, role) {
        (Some(node), None) => {
            let token = token::make("dpn")?;
            store.add_node_token(&node, &token::hash(&token), comment).await?;
            token
        }
        (None, Some(role)) => {
            let token = token::make("dpa")?;
            store.add_api_token(role, &token::hash(&token), comment).await?;
            token
        }
        _ => return Err(Failure::usage(anyhow!("a token is either for a node or for a role"))),
    };
    println!("{token}");
    live::after_tokens(config, store, &about).await
}

#[derive(Serialize)]
struct View {
    id: String,
    holder: String,
    comment: String,
}

async fn list(store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let view = |id: TokenId, holder: String, comment: Option<String>| View {
        id: id.to_string(),
        holder,
        comment: comment.unwrap_or_default(),
    };
    let nodes = store.node_tokens().await?.into_iter();
    let people = store.api_tokens().await?.into_iter();
    let rows: Vec<_> = nodes
        .map(|row| view(TokenId::Node(row.id), row.servername.to_string(), row.comment))
        .chain(people.map(|row| view(TokenId::Api(row.id), row.role.to_string(), row.comment)))
        .collect();
    if json {
        answer::json(&rows)?;
    } else {
        answer::table(
            &["id", "holder", "comment"],
            rows.into_iter().map(|row| [row.id, row.holder, row.comment]),
        );
    }
    Ok(DONE)
}
