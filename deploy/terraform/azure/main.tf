# A Container Apps job by schedule. The image is the loader's with firehose.toml in it:
#   FROM firehose-loader:0.1.0
#   COPY firehose.toml /etc/firehose/firehose.toml
# Secrets are references in there, "${env:NAME}", and come from Key Vault; the source has
# auth = "managed_identity" and client_id = "${env:AZURE_CLIENT_ID}". The warehouse is Snowflake:
# nothing is kept here. Where a job still runs
# when the next one starts, the loader's lease lets one of them load, and the other ends with 5.
terraform {
  required_version = ">= 1.9"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.30, < 5.0"
    }
  }
}

resource "azurerm_user_assigned_identity" "loader" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
}

resource "azurerm_role_assignment" "drops" {
  scope                = var.container_id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.loader.principal_id
}

# On each secret, not on the vault.
resource "azurerm_role_assignment" "secrets" {
  for_each             = var.secrets
  scope                = each.value.resource_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.loader.principal_id
}

resource "azurerm_role_assignment" "image" {
  scope                = var.registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.loader.principal_id
}

resource "azurerm_container_app_job" "loader" {
  name                         = var.name
  resource_group_name          = var.resource_group_name
  location                     = var.location
  container_app_environment_id = var.environment_id
  replica_timeout_in_seconds   = var.timeout_seconds
  # The next run takes up what this one left: nothing is won by trying again at once.
  replica_retry_limit = 0
  # A secret that may not be read yet would make the job fail to start.
  depends_on = [azurerm_role_assignment.secrets, azurerm_role_assignment.image]

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.loader.id]
  }
  registry {
    server   = var.registry_server
    identity = azurerm_user_assigned_identity.loader.id
  }
  schedule_trigger_config {
    cron_expression          = var.schedule
    parallelism              = 1
    replica_completion_count = 1
  }
  dynamic "secret" {
    for_each = var.secrets
    content {
      name                = replace(lower(secret.key), "_", "-")
      identity            = azurerm_user_assigned_identity.loader.id
      key_vault_secret_id = secret.value.uri
    }
  }
  template {
    container {
      name   = "firehose-loader"
      image  = var.image
      args   = ["run", "-c", "/etc/firehose/firehose.toml", "--log", "json"]
      cpu    = var.cpu
      memory = var.memory
      # By this the identity is found that the source signs in with.
      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.loader.client_id
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name        = env.key
          secret_name = replace(lower(env.key), "_", "-")
        }
      }
      volume_mounts {
        name = "spool"
        path = "/tmp"
      }
    }
    volume {
      name         = "spool"
      storage_type = "EmptyDir"
    }
  }
}
