//! Where the config file and the data lie unless the command line says otherwise.

use std::path::PathBuf;

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

/// No home directory is known, so there is no default place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no home directory is known: name the files with --config and --data")]
pub struct NoHome;

/// `checkback/config.toml` in the platform's config directory (`~/.config` by the XDG rules).
///
/// # Errors
/// [`NoHome`].
pub fn default_config() -> Result<PathBuf, NoHome> {
    let base = choose_native_strategy().map_err(|_| NoHome)?;
    Ok(base.config_dir().join("checkback").join("config.toml"))
}

/// `checkback` in the platform's data directory (`~/.local/share` by the XDG rules).
///
/// # Errors
/// [`NoHome`].
pub fn default_data() -> Result<PathBuf, NoHome> {
    let base = choose_native_strategy().map_err(|_| NoHome)?;
    Ok(base.data_dir().join("checkback"))
}
