# A Fargate task that EventBridge Scheduler starts. The image is the loader's with firehose.toml in it:
#   FROM firehose-loader:0.1.0
#   COPY firehose.toml /etc/firehose/firehose.toml
# Secrets are references in there, "${env:NAME}", and come from Secrets Manager. The warehouse is
# Snowflake: nothing is kept here. Where a task still runs when the next one starts, the loader's
# lease lets one of them load, and the other ends with 5.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60, < 7.0"
    }
  }
}

locals {
  # Log, cluster and task are in one region: that of the provider.
  region = split(":", var.cluster_arn)[3]
}

resource "aws_cloudwatch_log_group" "loader" {
  name              = "/firehose-loader/${var.name}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "by_tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "by_scheduler" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

# What the loader itself may do: list and read the drops.
resource "aws_iam_role" "loader" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.by_tasks.json
}

data "aws_iam_policy_document" "loader" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]
    condition {
      test     = "StringLikeIfExists"
      variable = "s3:prefix"
      values   = ["${var.prefix}*"]
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/${var.prefix}*"]
  }
}

resource "aws_iam_role_policy" "loader" {
  role   = aws_iam_role.loader.id
  policy = data.aws_iam_policy_document.loader.json
}

# What starts the task: image, secrets, log.
resource "aws_iam_role" "start" {
  name               = "${var.name}-start"
  assume_role_policy = data.aws_iam_policy_document.by_tasks.json
}

data "aws_iam_policy_document" "start" {
  statement {
    # Amazon knows this action without a resource only.
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.repository_arn]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.loader.arn}:log-stream:*"]
  }
  dynamic "statement" {
    for_each = length(var.secrets) > 0 ? [1] : []
    content {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = values(var.secrets)
    }
  }
}

resource "aws_iam_role_policy" "start" {
  role   = aws_iam_role.start.id
  policy = data.aws_iam_policy_document.start.json
}

resource "aws_ecs_task_definition" "loader" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.loader.arn
  execution_role_arn       = aws_iam_role.start.arn
  ephemeral_storage {
    size_in_gib = var.spool_gib
  }
  volume {
    name = "spool"
  }
  volume {
    name = "data"
  }
  container_definitions = jsonencode([{
    name                   = "firehose-loader"
    image                  = var.image
    essential              = true
    command                = ["run", "-c", "/etc/firehose/firehose.toml", "--log", "json"]
    readonlyRootFilesystem = true
    user                   = "10001:10001"
    stopTimeout            = 30
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    mountPoints = [
      { sourceVolume = "spool", containerPath = "/tmp" },
      { sourceVolume = "data", containerPath = "/data" },
    ]
    secrets = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.loader.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "run"
      }
    }
  }])
}

# What the scheduler may do: start this task in this cluster, with these two roles.
resource "aws_iam_role" "schedule" {
  name               = "${var.name}-schedule"
  assume_role_policy = data.aws_iam_policy_document.by_scheduler.json
}

data "aws_iam_policy_document" "schedule" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.loader.arn_without_revision}:*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster_arn]
    }
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.loader.arn, aws_iam_role.start.arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_scheduler_schedule" "loader" {
  name                = var.name
  schedule_expression = var.schedule
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.schedule.arn
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.loader.arn
      launch_type         = "FARGATE"
      task_count          = 1
      network_configuration {
        subnets          = var.subnet_ids
        security_groups  = var.security_group_ids
        assign_public_ip = false
      }
    }
    # The next run takes up what this one left: nothing is won by trying again at once.
    retry_policy {
      maximum_retry_attempts = 0
    }
  }
}
