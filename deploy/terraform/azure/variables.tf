variable "name" {
  description = "Name of all that is made."
  type        = string
  default     = "firehose-loader"
}

variable "resource_group_name" {
  description = "Resource group to run in."
  type        = string
}

variable "location" {
  description = "Region to run in."
  type        = string
}

variable "environment_id" {
  description = "Id of the Container Apps environment."
  type        = string
}

variable "registry_id" {
  description = "Id of the container registry that has the image."
  type        = string
}

variable "registry_server" {
  description = "Host of that registry, such as example.azurecr.io."
  type        = string
}

variable "image" {
  description = "Image of the loader with firehose.toml in it, by digest where it may be."
  type        = string
}

variable "container_id" {
  description = "Id of the blob container that the firehose delivers to."
  type        = string
}

variable "secrets" {
  description = "Secrets in Key Vault, by the variable that firehose.toml refers to: the URI without a version, and the resource id."
  type        = map(object({ uri = string, resource_id = string }))
  default     = {}
}

variable "schedule" {
  description = "When to run, as cron has it, in UTC."
  type        = string
  default     = "3-59/15 * * * *"
}

variable "cpu" {
  description = "CPUs of the job."
  type        = number
  default     = 1
}

variable "memory" {
  description = "Memory of the job."
  type        = string
  default     = "2Gi"
}

variable "timeout_seconds" {
  description = "After so long a run is ended, with the batch in hand rolled back."
  type        = number
  default     = 7200
}
