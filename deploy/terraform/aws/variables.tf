variable "name" {
  description = "Name of all that is made."
  type        = string
  default     = "firehose-loader"
}

variable "image" {
  description = "Image of the loader with firehose.toml in it, by digest where it may be."
  type        = string
}

variable "repository_arn" {
  description = "ARN of the ECR repository that has the image."
  type        = string
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster to run in."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets with a way to S3 and to Snowflake."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups that let 443 out and nothing in."
  type        = list(string)
}

variable "bucket_arn" {
  description = "ARN of the bucket that the firehose delivers to."
  type        = string
}

variable "prefix" {
  description = "What the keys of the drops begin with, such as prod/."
  type        = string
  default     = ""
}

variable "secrets" {
  description = "ARNs of secrets in Secrets Manager, by the variable that firehose.toml refers to."
  type        = map(string)
  default     = {}
}

variable "schedule" {
  description = "When to run, as EventBridge Scheduler has it."
  type        = string
  default     = "cron(3/15 * * * ? *)"
}

variable "cpu" {
  description = "CPU units of the task."
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of the task in MiB."
  type        = number
  default     = 2048
}

variable "spool_gib" {
  description = "Room for what is downloaded until it is loaded, in GiB."
  type        = number
  default     = 30
}

variable "log_retention_days" {
  description = "Days that the log is kept."
  type        = number
  default     = 30
}
