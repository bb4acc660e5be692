variable "name" {
  description = "Name of all that is made; at most 24 characters."
  type        = string
  default     = "firehose-loader"
}

variable "project" {
  description = "Project to run in."
  type        = string
}

variable "region" {
  description = "Region to run in."
  type        = string
}

variable "image" {
  description = "Image of the loader with firehose.toml in it, by digest where it may be."
  type        = string
}

variable "bucket" {
  description = "Bucket that the firehose delivers to."
  type        = string
}

variable "secrets" {
  description = "Ids of secrets in Secret Manager, by the variable that firehose.toml refers to."
  type        = map(string)
  default     = {}
}

variable "schedule" {
  description = "When to run, as cron has it, in UTC."
  type        = string
  default     = "3-59/15 * * * *"
}

variable "cpu" {
  description = "CPUs of the job."
  type        = string
  default     = "1"
}

variable "memory" {
  description = "Memory of the job, the spool included."
  type        = string
  default     = "4Gi"
}

variable "spool" {
  description = "Room for what is downloaded until it is loaded; of the memory."
  type        = string
  default     = "2Gi"
}

variable "timeout" {
  description = "After so long a run is ended, with the batch in hand rolled back."
  type        = string
  default     = "7200s"
}
