using System.Globalization;
using Spectre.Console;

namespace MemoryAspire.Cli.Output;

/// <summary>How far a run of the service is: a bar on a terminal; elsewhere a line whenever its step changes.</summary>
internal static class RunProgress
{
    /// <param name="work">Is given what shows progress: 0..1, and the step.</param>
    public static Task ShowAsync(TextWriter target, string title, Func<Action<double, string?>, Task> work)
    {
        var output = new AnsiConsoleOutput(target);
        return output.IsTerminal ? ShowBarAsync(output, title, work) : ShowLinesAsync(target, title, work);
    }

    /// <summary>For a call that says nothing until it is over: only that it goes on.</summary>
    public static Task WaitAsync(TextWriter target, string title, Func<Task> work)
    {
        var output = new AnsiConsoleOutput(target);
        return output.IsTerminal
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
                .StartAsync(progress =>
                {
                    progress.AddTask(Markup.Escape(title)).IsIndeterminate = true;
                    return work();
                })
            : work();
    }

    private static Task ShowBarAsync(AnsiConsoleOutput output, string title, Func<Action<double, string?>, Task> work) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                return work((done, step) =>
                {
                    task.Value = done;
                    task.Description = Markup.Escape(step is null ? title : $"{title}: {step}");
                });
            });

    private static Task ShowLinesAsync(TextWriter target, string title, Func<Action<double, string?>, Task> work)
    {
        string? last = null;
        return work((done, step) =>
        {
            if (step is null || step == last) return;
            last = step;
            target.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {step} ({done:P0})"));
        });
    }
}
