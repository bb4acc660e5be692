# A Cloud Run job that Cloud Scheduler starts. The image is the loader's with firehose.toml in it:
#   FROM firehose-loader:0.1.0
#   COPY firehose.toml /etc/firehose/firehose.toml
# Secrets are references in there, "${env:NAME}", and come from Secret Manager. The warehouse is
# Snowflake: nothing is kept here. Where a job still runs when the next one starts, the loader's lease
# lets one of them load, and the other ends with 5.
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.0, < 8.0"
    }
  }
}

resource "google_service_account" "loader" {
  project      = var.project
  account_id   = var.name
  display_name = "Reads the drops of the firehose"
}

resource "google_storage_bucket_iam_member" "loader" {
  bucket = var.bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.loader.member
}

resource "google_secret_manager_secret_iam_member" "loader" {
  for_each  = var.secrets
  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.loader.member
}

resource "google_cloud_run_v2_job" "loader" {
  project  = var.project
  name     = var.name
  location = var.region
  # A secret that may not be read yet would make the job fail to start.
  depends_on = [google_secret_manager_secret_iam_member.loader]
  template {
    parallelism = 1
    task_count  = 1
    template {
      service_account = google_service_account.loader.email
      timeout         = var.timeout
      # The next run takes up what this one left: nothing is won by trying again at once.
      max_retries = 0
      containers {
        image = var.image
        args  = ["run", "-c", "/etc/firehose/firehose.toml", "--log", "json"]
        resources {
          limits = {
            cpu    = var.cpu
            memory = var.memory
          }
        }
        dynamic "env" {
          for_each = var.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }
        volume_mounts {
          name       = "spool"
          mount_path = "/tmp"
        }
      }
      # Lies in memory, and counts against it.
      volumes {
        name = "spool"
        empty_dir {
          medium     = "MEMORY"
          size_limit = var.spool
        }
      }
    }
  }
}

# Who starts the job may do nothing else.
resource "google_service_account" "schedule" {
  project      = var.project
  account_id   = "${var.name}-start"
  display_name = "Starts the job that loads the drops"
}

resource "google_cloud_run_v2_job_iam_member" "schedule" {
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.loader.name
  role     = "roles/run.invoker"
  member   = google_service_account.schedule.member
}

resource "google_cloud_scheduler_job" "loader" {
  project   = var.project
  region    = var.region
  name      = var.name
  schedule  = var.schedule
  time_zone = "Etc/UTC"
  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.loader.id}:run"
    oauth_token {
      service_account_email = google_service_account.schedule.email
    }
  }
}
