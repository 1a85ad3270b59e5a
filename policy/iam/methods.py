"""The known ways of privilege escalation in AWS, as combinations of actions.

Owns the list: published by several research groups, and compared in the tests with one that is kept up to date
elsewhere. Each method is the least that suffices; what only prepares it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Method:
    """One way up: all `actions` together give their holder the rights of another identity."""

    name: str
    actions: tuple[str, ...]


_PASS: Final = "iam:PassRole"  # noqa: S105 - the name of an action

_IDENTITY: Final = (
    Method("write a policy version", ("iam:CreatePolicyVersion",)),
    Method("activate another policy version", ("iam:SetDefaultPolicyVersion",)),
    Method("create an access key", ("iam:CreateAccessKey",)),
    Method("create a console password", ("iam:CreateLoginProfile",)),
    Method("change a console password", ("iam:UpdateLoginProfile",)),
    Method("attach a policy to a user", ("iam:AttachUserPolicy",)),
    Method("attach a policy to a group", ("iam:AttachGroupPolicy",)),
    Method("attach a policy to a role", ("iam:AttachRolePolicy",)),
    Method("write a user's policy", ("iam:PutUserPolicy",)),
    Method("write a group's policy", ("iam:PutGroupPolicy",)),
    Method("write a role's policy", ("iam:PutRolePolicy",)),
    Method("join a group", ("iam:AddUserToGroup",)),
    Method("open a role's trust", ("iam:UpdateAssumeRolePolicy",)),
    Method("become Kubernetes administrator", ("eks:CreateAccessEntry", "eks:AssociateAccessPolicy")),
)

_WITH_A_PASSED_ROLE: Final = (
    Method("start an instance with a role", (_PASS, "ec2:RunInstances")),
    Method("start a spot instance with a role", (_PASS, "ec2:RequestSpotInstances")),
    Method("run a new function with a role", (_PASS, "lambda:CreateFunction", "lambda:InvokeFunction")),
    Method("run a new function by an event", (_PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping")),
    Method("run a new function by permission", (_PASS, "lambda:CreateFunction", "lambda:AddPermission")),
    Method("start a Glue endpoint with a role", (_PASS, "glue:CreateDevEndpoint")),
    Method("run a Glue job with a role", (_PASS, "glue:CreateJob", "glue:StartJobRun")),
    Method("run a Glue job by a trigger", (_PASS, "glue:CreateJob", "glue:CreateTrigger")),
    Method("change and run a Glue job with a role", (_PASS, "glue:UpdateJob", "glue:StartJobRun")),
    Method("change a Glue job and run it by a trigger", (_PASS, "glue:UpdateJob", "glue:CreateTrigger")),
    Method("create a stack with a role", (_PASS, "cloudformation:CreateStack")),
    Method(
        "create a stack set with a role",
        (_PASS, "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
    ),
    Method("change a stack set's role", (_PASS, "cloudformation:UpdateStackSet")),
    Method("run a data pipeline with a role", (_PASS, "datapipeline:CreatePipeline")),
    Method("start a build with a role", (_PASS, "codebuild:CreateProject", "codebuild:StartBuild")),
    Method("start a batch of builds with a role", (_PASS, "codebuild:CreateProject", "codebuild:StartBuildBatch")),
    Method("run a task with a role", (_PASS, "ecs:RunTask")),
    Method("start a task with a role", (_PASS, "ecs:StartTask")),
    Method("start a container service with a role", (_PASS, "ecs:CreateService")),
    Method("open a notebook with a role", (_PASS, "sagemaker:CreateNotebookInstance")),
    Method("run a training job with a role", (_PASS, "sagemaker:CreateTrainingJob")),
    Method("run a processing job with a role", (_PASS, "sagemaker:CreateProcessingJob")),
    Method("start an App Runner service with a role", (_PASS, "apprunner:CreateService")),
    Method(
        "start a code interpreter with a role",
        (
            _PASS,
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ),
    ),
    Method("create a CodeStar project with a role", (_PASS, "codestar:CreateProject")),
)

_THROUGH_WHAT_RUNS: Final = (
    Method("change a function's code", ("lambda:UpdateFunctionCode",)),
    Method("change a function's layers", ("lambda:UpdateFunctionConfiguration",)),
    Method("enter a Glue endpoint", ("glue:UpdateDevEndpoint",)),
    Method("run commands on instances", ("ssm:SendCommand",)),
    Method("enter an instance by SSH key", ("ec2-instance-connect:SendSSHPublicKey",)),
    Method(
        "rewrite an instance's user data",
        ("ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"),
    ),
    Method("rewrite a launch template", ("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")),
    Method("enter a running task", ("ecs:ExecuteCommand",)),
    Method("open somebody's notebook", ("sagemaker:CreatePresignedNotebookInstanceUrl",)),
    Method(
        "rewrite a notebook's start script",
        ("sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:UpdateNotebookInstance"),
    ),
    Method(
        "run a change set with a stack's role", ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet")
    ),
    Method(
        "enter a code interpreter",
        ("bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"),
    ),
)

METHODS: Final = (*_IDENTITY, *_WITH_A_PASSED_ROLE, *_THROUGH_WHAT_RUNS)
