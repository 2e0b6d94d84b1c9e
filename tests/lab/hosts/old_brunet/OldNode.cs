// A node of no overlay with the two traits that keep Brunet of 2010 from running on the Linux of today: it learns its
// addresses from /sbin/ifconfig, and opens an HTTP listener beside a Mono.Security.dll that is not this mono's.
using System;
using System.Collections;
using System.Runtime.Remoting.Channels;
using System.Runtime.Remoting.Channels.Http;
using System.Xml;
using Mono.Unix;
using Mono.Unix.Native;

class OldNode
{
    static int Main(string[] args)
    {
        var config = new XmlDocument();
        config.Load(args[args.Length - 1]);
        var port = config.SelectSingleNode("NodeConfig/XmlRpcManager/Port");
        if (port != null)
        {
            var properties = new Hashtable { { "port", int.Parse(port.InnerText) }, { "machineName", "localhost" } };
            ChannelServices.RegisterChannel(new HttpServerChannel(properties, null), false);
        }
        Console.WriteLine("addresses {0}", string.Join(" ", Addresses.Read().ToArray()));
        if (config.SelectSingleNode("NodeConfig/NodeAddress") == null)
        {
            var address = config.CreateElement("NodeAddress");
            address.InnerText = "brunet:node:" + new string('B', 32);
            config.DocumentElement.AppendChild(address);
            config.Save(args[args.Length - 1]);
        }
        Console.WriteLine("runs");
        Console.Out.Flush();
        new UnixSignal(Signum.SIGINT).WaitOne();
        Console.WriteLine("left");
        return 0;
    }
}
